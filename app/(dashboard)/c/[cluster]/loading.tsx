import type { ReactElement } from 'react';
import { BoardSkeleton } from '@/components/board/board-skeleton';

export default function BoardLoading(): ReactElement {
  return <BoardSkeleton />;
}
